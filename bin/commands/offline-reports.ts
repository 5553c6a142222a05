import { renderMarkdown } from '../../lambda/report/proposal/markdown.ts';
import { makeReportWriter } from '../../lambda/report/proposal/report-writer.ts';
import type { ReportWriter } from '../../lambda/ports/proposals.ts';

/** The files for people that an offline run writes beside each proposal. */
export function offlineReports(
  options: { readonly reports: boolean; readonly format: 'html' | 'markdown' },
  engineVersion: string,
): ReportWriter {
  if (!options.reports) return { write: () => [] };
  const html = makeReportWriter({ engineVersion });
  if (options.format === 'html') return html;
  return {
    write: (proposal, universe) => [
      ...html.write(proposal, universe),
      { name: 'report.md', contentType: 'text/markdown', body: renderMarkdown(proposal) },
    ],
  };
}
