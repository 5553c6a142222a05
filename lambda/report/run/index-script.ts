/**
 * The only script of the index page: it filters, sorts and pages the existing rows. It makes no HTML from
 * data. A test recomputes its hash.
 */
export const INDEX_SCRIPT = `(() => {
  'use strict';
  const PAGE = 100;
  const form = document.getElementById('filters');
  const field = (id) => document.getElementById('f-' + id);
  const number = (value) => String(value).replace(/\\B(?=(?:\\d{3})+$)/g, ',');
  const lists = [...document.querySelectorAll('[data-list]')].map((section) => {
    const rows = [...section.querySelectorAll('tbody > tr')];
    const body = section.querySelector('tbody');
    for (const rest of section.querySelectorAll('.rest')) rest.remove();
    const pager = document.createElement('div');
    pager.className = 'pager';
    const button = (text, step) => {
      const made = document.createElement('button');
      made.type = 'button';
      made.textContent = text;
      made.addEventListener('click', () => { list.page += step; show(list); });
      pager.append(made);
      return made;
    };
    const list = { rows, found: rows, body, pager, page: 0 };
    list.back = button('Previous', -1);
    list.on = button('Next', 1);
    list.status = document.createElement('span');
    list.status.setAttribute('role', 'status');
    pager.append(list.status);
    section.append(pager);
    return list;
  });
  const textOf = (row) => row.searchText ??= [...row.querySelectorAll('a')].map((a) => a.getAttribute('href')).concat(row.cells[0].textContent).join(' ').toLowerCase();
  const nameOf = (row) => row.querySelector('a').textContent;
  const orders = {
    most: (a, b) => Number(b.dataset.n ?? 0) - Number(a.dataset.n ?? 0),
    share: (a, b) => Number(b.dataset.s ?? 0) - Number(a.dataset.s ?? 0),
    name: (a, b) => (nameOf(a) < nameOf(b) ? -1 : 1),
  };
  const show = (list) => {
    const { found, page } = list;
    const from = page * PAGE;
    list.body.replaceChildren(...found.slice(from, from + PAGE));
    list.back.disabled = page === 0;
    list.on.disabled = from + PAGE >= found.length;
    list.back.hidden = list.on.hidden = found.length <= PAGE;
    list.status.textContent = found.length === 0 ? 'No row matches.' : 'Rows ' + number(from + 1) + ' to ' + number(Math.min(from + PAGE, found.length)) + ' of ' + number(found.length);
  };
  const apply = () => {
    const wanted = ['text', 'account', 'type', 'remark'].map((id) => field(id).value.trim().toLowerCase()).filter((text) => text !== '');
    const order = orders[field('order').value];
    for (const list of lists) {
      list.found = list.rows.filter((row) => wanted.every((text) => textOf(row).includes(text)));
      if (order) list.found.sort(order);
      list.page = 0;
      show(list);
    }
  };
  form.addEventListener('input', apply);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.hidden = false;
  apply();
})();
`;

/** `sha256-` and the base64 of the SHA-256 of {@link INDEX_SCRIPT}. */
export const INDEX_SCRIPT_HASH = 'sha256-LFzV/Dc/4CPAObE14VYlbW2oGT6M9RoG+tafUIifrxM=';
