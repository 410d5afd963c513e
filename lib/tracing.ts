import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel';

/**
 * Name of a `tracingChannel` of `node:diagnostics_channel`: one trace for each request, from its arrival to the end of
 * its response. Its message is `{ req }`, and at the end also `result`, the {@link Exchange}; that is `undefined` for a
 * request that was passed to `next`.
 */
export const EXCHANGE_CHANNEL = 'mm7-delivery-reports:exchange';

/**
 * Name of a `tracingChannel` of `node:diagnostics_channel`: one trace for each call of a handler, until it finishes, even
 * if that is after its deadline. Its message is `{ req }`, with the report in `req.deliveryReport`; `error` is the
 * value that the handler threw.
 */
export const HANDLER_CHANNEL = 'mm7-delivery-reports:handler';

// without type arguments: their order depends on the version of @types/node
export const exchangeTraces: TracingChannel = tracingChannel(EXCHANGE_CHANNEL);
export const handlerTraces: TracingChannel = tracingChannel(HANDLER_CHANNEL);
