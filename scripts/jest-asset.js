/** Stands for style sheets and icons, which only the bundler understands. */
module.exports = '<svg/>';
