/** Lint rules: the language, Jupyter's conventions, the layers of src/, and no HTML from strings. */
import js from '@eslint/js';
import jupyter from '@jupyter/eslint-plugin';
import hooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import { includeIgnoreFile } from '@eslint/compat';
import { fileURLToPath } from 'node:url';
import tseslint from 'typescript-eslint';

const HTML_SINKS =
  '/^(innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|setHTMLUnsafe|createContextualFragment)$/';
const HTML_MESSAGE =
  'Text reaches the page as text: use textContent or React children.';

/** High to low; a folder imports only from the lines below its own. */
const LAYERS = [
  ['plugins'],
  ['runs', 'run_page', 'compare', 'models', 'endpoints', 'notebook'],
  ['components'],
  ['state'],
  ['contract']
];

function layerRules() {
  return LAYERS.flatMap((layer, depth) =>
    layer.map(folder => {
      const above = LAYERS.slice(0, depth + 1)
        .flat()
        .filter(other => other !== folder);
      return {
        files: [`src/${folder}/**`],
        ignores: above.length ? [] : ['**'],
        rules: {
          'no-restricted-imports': [
            'error',
            {
              patterns: [
                {
                  regex: `^\\.{1,2}/(.*/)?(${above.join('|')})(/|$)`,
                  message: `src/${folder} imports only from the layers below it.`
                }
              ]
            }
          ]
        }
      };
    })
  ).filter(rule => rule.ignores.length === 0);
}

export default tseslint.config(
  includeIgnoreFile(fileURLToPath(new URL('.gitignore', import.meta.url))),
  { ignores: ['src/contract/schema.ts', 'docs/', 'examples/'] },
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      curly: 'error',
      eqeqeq: 'error',
      'no-console': 'error',
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'no-script-url': 'error',
      'prefer-const': 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: `MemberExpression[computed=false] > Identifier.property[name=${HTML_SINKS}]`,
          message: HTML_MESSAGE
        },
        {
          selector: `MemberExpression[computed=true] > Literal.property[value=${HTML_SINKS}]`,
          message: HTML_MESSAGE
        },
        {
          selector: `Property[key.name=${HTML_SINKS}], Property[key.value=${HTML_SINKS}]`,
          message: HTML_MESSAGE
        },
        {
          selector:
            'MemberExpression[object.name=document][property.name=/^write(ln)?$/]',
          message: HTML_MESSAGE
        },
        {
          selector: `JSXAttribute[name.name=${HTML_SINKS}]`,
          message: HTML_MESSAGE
        }
      ]
    }
  },
  {
    files: ['src/**/*.{ts,tsx}', 'ui-tests/**/*.ts'],
    extends: [tseslint.configs.recommended]
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    languageOptions: {
      globals: globals.browser,
      parserOptions: {
        project: './tsconfig.check.json',
        tsconfigRootDir: import.meta.dirname
      }
    },
    plugins: { 'react-hooks': hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_' }
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true }
      ]
    }
  },
  ...layerRules(),
  {
    files: ['*.{js,cjs,mjs}', 'scripts/**/*.{js,mjs}', 'ui-tests/**/*.{js,ts}'],
    languageOptions: { globals: globals.node },
    rules: { 'no-console': 'off' }
  },
  {
    files: ['*.js', 'scripts/*.js', 'ui-tests/*.js'],
    languageOptions: { sourceType: 'commonjs' }
  },
  {
    files: ['scripts/jest-*.js', 'ui-tests/tests/**'],
    languageOptions: { globals: globals.browser }
  },
  {
    files: ['src/**/__tests__/**'],
    languageOptions: { globals: globals.jest }
  },
  ...withPlugin(jupyter),
  {
    // What a test shows to itself nobody translates, describes to a palette, or keeps.
    files: ['src/**/__tests__/**'],
    rules: {
      'jupyter/command-described-by': 'off',
      'jupyter/no-untranslated-string': 'off',
      'jupyter/require-disposable-ownership': 'off'
    }
  }
);

/** Jupyter's own recommendation, with the plugin registered under the name its rules use. */
function withPlugin(plugin) {
  return plugin.configs.recommended.map(config => ({
    ...config,
    plugins: { jupyter: plugin }
  }));
}
