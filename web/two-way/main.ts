import { TwoWayPage } from './two-way-page';

new TwoWayPage().run();
