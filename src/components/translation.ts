/** The words of the user's language, handed down the component tree. */
import {
  Gettext,
  nullTranslator,
  type TranslationBundle
} from '@jupyterlab/translation';
import { createContext, useContext } from 'react';

/** The name under which language packs know this extension: that of the Python package. */
export const DOMAIN = 'jupyter_mlops';

export const TranslationContext = createContext<TranslationBundle>(
  nullTranslator.load(DOMAIN)
);

/**
 * The language in which dates are written: JupyterLab's, in the browser's variety of it where
 * JupyterLab names none (`en-GB` for `en`); undefined, the browser's own, without a translation.
 */
export function languageOf(trans: TranslationBundle): string | undefined {
  if (!(trans instanceof Gettext)) {
    return undefined;
  }
  const language = trans.getLocale();
  return (
    navigator.languages.find(other => other.startsWith(`${language}-`)) ??
    language
  );
}

/** The translation bundle of the nearest provider; English without one. */
export function useTrans(): TranslationBundle {
  return useContext(TranslationContext);
}
