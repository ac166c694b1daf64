/** Types of the small build of hls.js, which the package has only for the whole one. */
declare module 'hls.js/light' {
  export { default } from 'hls.js';
}
