import { INDEX_OBJECT, REPORT_OBJECT } from '../../contract/object-keys.ts';
import type { ReportWriter } from '../../ports/proposals.ts';
import type { ReportLinks } from './report-context.ts';
import { renderReport, type ReportOptions } from './report-html.ts';

/** From `<kind>/<account>/<type>/<name>/<id>/report.html` to the overview. */
const BESIDE: ReportLinks = { index: `../../../../../${INDEX_OBJECT}` };

/** Writes `report.html` for proposals of every kind. */
export function makeReportWriter(options: ReportOptions): ReportWriter {
  return {
    write: (proposal, universe, opinions = []) => [
      {
        name: REPORT_OBJECT,
        contentType: 'text/html',
        body: renderReport(proposal, universe, { links: BESIDE, ...options, opinions }),
      },
    ],
  };
}

/** The writer of a caller that does not state its version. */
export const reportWriter: ReportWriter = makeReportWriter({});
