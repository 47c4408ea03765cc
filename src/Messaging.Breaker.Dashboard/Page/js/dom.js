// Elements are created once and then only updated, so that focus, selection and scrolling survive each update.

import { legible } from './legible.js';

export const byId = id => document.getElementById(id);

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  element.append(...children);
  return element;
}

export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `#${name.toLowerCase()}`);
  svg.append(use);
  return svg;
}

export function setIcon(svg, name) {
  set(svg.firstChild, 'href', `#${name.toLowerCase()}`);
}

export function text(element, value) {
  const shown = legible(value);
  if (element.textContent !== shown) element.textContent = shown;
}

export function set(element, name, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

// A figure in a table: an unknown one takes no space on a small screen.
export function figure(element, value) {
  text(element, value);
  set(element.parentElement, 'data-empty', value === '–' ? '' : null);
}

export function show(element, isShown) {
  if (element.hidden === isShown) element.hidden = !isShown;
}

// Keeps one child for each item, in the items' order.
export function list(parent, items, keyOf, make, update) {
  const old = new Map([...parent.children].map(child => [child.dataset.key, child]));
  let previous = null;
  for (const item of items) {
    const key = keyOf(item);
    let child = old.get(key);
    if (child) old.delete(key);
    else {
      child = make(item);
      child.dataset.key = key;
    }
    const place = previous ? previous.nextSibling : parent.firstChild;
    if (place !== child) parent.insertBefore(child, place);
    update(child, item);
    previous = child;
  }
  for (const child of old.values()) child.remove();
}

// The parts of an element that change, by the name in their attribute "data-part".
export function parts(element) {
  element.parts ??= Object.fromEntries([...element.querySelectorAll('[data-part]')].map(part => [part.dataset.part, part]));
  return element.parts;
}

export const part = (tag, name, attributes = {}, ...children) => h(tag, { 'data-part': name, ...attributes }, ...children);
