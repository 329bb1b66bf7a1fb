'use strict';
const base = location.origin + location.pathname.replace(/\/+$/, '');
for (const e of document.querySelectorAll('[data-at]')) e.textContent = base + e.dataset.at;
fetch(base + '/v1/models', { headers: { accept: 'application/json' } }).then(r => r.ok ? r.json() : { data: [] }).then(d => {
  const names = (d.data || []).map(m => m.id);
  if (!names.length) return;
  document.getElementById('model').textContent = names[0];
  document.getElementById('models').textContent = 'Models: ' + names.slice(0, 40).join(', ') + (names.length > 40 ? ' …' : '');
}).catch(() => {});
