/** The words of the user's language, handed down the component tree. */
import {
  nullTranslator,
  type TranslationBundle
} from '@jupyterlab/translation';
import { createContext, useContext } from 'react';

/** The name under which language packs know this extension: that of the Python package. */
export const DOMAIN = 'jupyter_mlops';

export const TranslationContext = createContext<TranslationBundle>(
  nullTranslator.load(DOMAIN)
);

/** The translation bundle of the nearest provider; English without one. */
export function useTrans(): TranslationBundle {
  return useContext(TranslationContext);
}
