const most = 1e12; // Beyond this the digits take more space than they are worth.
const numbers = new Intl.NumberFormat('en');
const magnitudes = new Intl.NumberFormat('en', { notation: 'scientific', maximumFractionDigits: 1 });
const digits = value => (Math.abs(value) < most ? numbers : magnitudes).format(value);
const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' });

const words = { HalfOpen: 'Half-open' };
export const word = state => words[state] ?? state;

export const count = value => value === null || value === undefined ? '–' : digits(value);

export function rate(value) {
  if (value === null || value === undefined) return '–';
  return value >= 10 || value === 0 ? digits(Math.round(value)) : value.toFixed(1);
}

export function bytes(value) {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const unit = Math.min(units.length - 1, value < 1 ? 0 : Math.floor(Math.log10(value) / 3));
  const scaled = value / 1000 ** unit;
  return `${unit > 0 && scaled < 10 ? scaled.toFixed(1) : digits(Math.round(scaled))} ${units[unit]}`;
}

export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole >= 1000 * 86400) return '> 999 d';
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return join(Math.floor(whole / 60), 'min', whole % 60, 's');
  if (whole < 86400) return join(Math.floor(whole / 3600), 'h', Math.floor(whole / 60) % 60, 'min');
  return join(Math.floor(whole / 86400), 'd', Math.floor(whole / 3600) % 24, 'h');
}

// A forecast is not more precise than this.
export function about(seconds) {
  if (seconds < 10) return 'a few seconds';
  const unit = seconds < 60 ? 5 : seconds < 600 ? 10 : 60;
  return `about ${duration(Math.round(seconds / unit) * unit)}`;
}

export function aboutShort(seconds) {
  return seconds < 10 ? '< 10 s' : `≈ ${about(seconds).replace('about ', '')}`;
}

export function time(at) {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? clock.format(date) : `${day.format(date)} ${clock.format(date)}`;
}

export const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

const join = (big, bigUnit, small, smallUnit) => small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
