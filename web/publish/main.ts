import { PublishPage } from './publish-page';

new PublishPage().run();
