// Elements from names, properties and children; strings only ever become text nodes.
export function element(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in node && key !== 'list') node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// A labelled <select>; `change` is called with the value chosen.
export function select(label, values, chosen, change) {
  const box = element('select', {}, ...values.map(([value, text]) => element('option', {value}, text)));
  box.value = chosen;
  box.addEventListener('change', () => change(box.value));
  return element('label', {className: 'field'}, element('span', {}, label), box);
}

export function plural(n, noun, many = noun + 's') {
  return `${n.toLocaleString('en')} ${n === 1 ? noun : many}`;
}
