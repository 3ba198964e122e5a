/** Style sheets are imported for their effect, by the modules that are loaded with them. */
declare module '*.css';
