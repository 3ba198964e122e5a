/** The lab extension: an array of small plugins, each of which can be disabled by itself. */
export { plugins as default } from './plugins';
