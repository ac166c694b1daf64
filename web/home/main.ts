import { HomePage } from './home-page';

new HomePage().run();
