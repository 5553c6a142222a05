/** A value as the query protocol writes it: lists are `member` elements, absent members are left out. */
export type XmlValue =
  string | number | boolean | undefined | readonly XmlValue[] | { readonly [name: string]: XmlValue };

export function toXml(name: string, value: XmlValue): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) {
    return `<${name}>${(value as readonly XmlValue[]).map((one) => toXml('member', one)).join('')}</${name}>`;
  }
  if (typeof value === 'object') {
    const members = Object.entries(value as Readonly<Record<string, XmlValue>>);
    return `<${name}>${members.map(([member, inner]) => toXml(member, inner)).join('')}</${name}>`;
  }
  return `<${name}>${escapeXml(String(value))}</${name}>`;
}

export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => ESCAPES[sign] ?? sign);
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** An answer of the query protocol (IAM, STS, SNS). */
export function queryAnswer(operation: string, result: XmlValue): string {
  return `<${operation}Response>${toXml(`${operation}Result`, result)}<ResponseMetadata><RequestId>${REQUEST}</RequestId></ResponseMetadata></${operation}Response>`;
}

export const REQUEST = '00000000-0000-4000-8000-000000000000';
