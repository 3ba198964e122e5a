/** Unit tests of src/: TypeScript and the ES modules of JupyterLab's packages go through swc. */

/** Packages that ship ES modules only; everything else in node_modules runs as it is. */
const esModules = [
  '@codemirror/',
  '@jupyter/',
  '@jupyterlab/',
  '@lumino/',
  '@microsoft/',
  '@rjsf/',
  'exenv-es6',
  'lib0',
  'nanoid',
  'uplot',
  'vscode-ws-jsonrpc',
  'y-protocols',
  'y-websocket',
  'yjs'
].join('|');

module.exports = {
  testEnvironment: 'jsdom',
  roots: ['<rootDir>/src'],
  testMatch: ['<rootDir>/src/**/__tests__/**/*.spec.{ts,tsx}'],
  moduleNameMapper: {
    '\\.(css|svg)$': '<rootDir>/scripts/jest-asset.js'
  },
  setupFiles: ['<rootDir>/scripts/jest-browser.js'],
  transform: {
    '\\.[jt]sx?$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', tsx: true },
          target: 'es2022',
          transform: { react: { runtime: 'automatic' } }
        },
        module: { type: 'commonjs' }
      }
    ]
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esModules}))`]
};
