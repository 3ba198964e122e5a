/** What can go wrong with a call: the server refused, it cannot be reached, or our part of it is missing. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Problem } from './types';

/** What a proxy answers while the server behind it is away; JupyterHub says 424 of one that is stopped. */
const AWAY: readonly number[] = [424, 502, 503, 504];

/**
 * - `refused`: the server answered with a problem; `code` says which.
 * - `unreachable`: nothing answered; trying again may help.
 * - `missing`: a Jupyter server answered, but without the MLOps extension.
 */
export type FailureKind = 'refused' | 'unreachable' | 'missing';

/** A failed call; `message` is fit to be shown. */
export class ApiError extends Error {
  constructor(
    readonly kind: FailureKind,
    message: string,
    readonly problem: Problem | null = null
  ) {
    super(message);
    this.name = 'ApiError';
  }

  /** The stable name of the refusal, such as `not_found`; empty when the server did not refuse. */
  get code(): string {
    return this.problem?.code ?? '';
  }

  /** The input field to blame, if the server named one. */
  get field(): string | null {
    return this.problem?.field ?? null;
  }

  /** The HTTP status, 0 when nothing answered. */
  get status(): number {
    return this.problem?.status ?? 0;
  }
}

/** The message of anything that was thrown. */
export function errorMessage(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}

/** Tell whether a failure means that the object is not there (any more). */
export function isNotFound(reason: unknown): boolean {
  return reason instanceof ApiError && reason.status === 404;
}

/** Tell whether the same question may find an answer later: the server was away or in trouble, and did not refuse. */
export function mayPass(reason: unknown): boolean {
  return !(
    reason instanceof ApiError &&
    reason.kind === 'refused' &&
    reason.status < 500
  );
}

/** Tell whether nobody knows (any more) who is asking; our own 403 is about somebody who is known. */
export function isSignedOut(reason: unknown): boolean {
  return (
    reason instanceof ApiError &&
    (reason.status === 401 || (reason.status === 403 && reason.code === ''))
  );
}

/** Read the problem in a refusal's body; null when the answer is not ours. */
export function parseProblem(text: string): Problem | null {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return null;
  }
  if (
    typeof body !== 'object' ||
    body === null ||
    typeof (body as Problem).code !== 'string' ||
    typeof (body as Problem).detail !== 'string'
  ) {
    return null;
  }
  return body as Problem;
}

/** A failure of the server itself carries the id under which its log tells more. */
function messageOf({ detail, id, status }: Problem): string {
  return status >= 500 && id ? `${detail} (${id})` : detail;
}

/** What went wrong, by the answer that says so. */
export async function failureOf(
  response: Response,
  trans: TranslationBundle
): Promise<ApiError> {
  const { status, statusText } = response;
  const problem = parseProblem(await response.text());
  if (problem) {
    return new ApiError('refused', messageOf(problem), problem);
  }
  if (status === 404) {
    return new ApiError(
      'missing',
      trans.__('The MLOps part of the Jupyter server does not answer.')
    );
  }
  if (AWAY.includes(status)) {
    return new ApiError(
      'unreachable',
      trans.__('The server does not answer.')
    );
  }
  const message = trans.__('The server refuses: %1', status);
  return new ApiError('refused', message, {
    type: 'about:blank',
    title: '',
    status,
    detail: statusText || message,
    code: '',
    id: '',
    field: null
  });
}
