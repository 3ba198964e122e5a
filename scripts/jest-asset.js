/** Stands for style sheets and icons, which only the bundler understands. */
module.exports = '<svg xmlns="http://www.w3.org/2000/svg"/>';
