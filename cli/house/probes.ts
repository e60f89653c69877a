import { printMetrics, processRegistry } from '../../core/metrics.js';
import type { HttpPart } from '../../core/part.js';

/** `/health/live`, `/health/ready` and `/metrics` before the part's own answers. */
export function withProbes(part: HttpPart): (request: Request) => Promise<Response> {
  return async (request) => {
    switch (new URL(request.url).pathname) {
      case '/health/live':
        return Response.json({ state: 'LIVE' });
      case '/health/ready': {
        const health = await part.checkHealth();
        return Response.json({ parts: { [part.name]: health } }, { status: health.state === 'NOT_READY' ? 503 : 200 });
      }
      case '/metrics':
        return new Response(await printMetrics(), { headers: { 'content-type': processRegistry.contentType } });
      default:
        return part.fetch(request);
    }
  };
}
