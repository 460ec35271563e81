// The tab's icon: the position and how far it has come, for those who look at another tab.
import { byId } from "./page";

const SIZE = 64;
let drawn = "";

function shortened(position: number): string {
  if (position < 1000) return String(position);
  if (position < 1_000_000) return `${Math.floor(position / 1000)}k`;
  return `${Math.floor(position / 1_000_000)}M`;
}

// `position` 0: it is one's turn.
export function drawIcon(position: number, done: number) {
  const text = position > 0 ? shortened(position) : "";
  const level = Math.round(done * 12);
  const key = `${text} ${level}`;
  const link = byId<HTMLLinkElement>("icon");
  if (!link || key === drawn) return;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  const pen = canvas.getContext("2d");
  if (!pen) return;
  drawn = key;
  pen.fillStyle = "#0c6b50";
  pen.beginPath();
  pen.roundRect(0, 0, SIZE, SIZE, 14);
  pen.fill();
  pen.fillStyle = pen.strokeStyle = "#fff";
  if (text) {
    pen.font = `700 ${text.length > 2 ? (text.length > 3 ? 24 : 30) : 40}px system-ui,sans-serif`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(text, SIZE / 2, SIZE / 2 - 4);
    pen.fillRect(8, 52, (48 * level) / 12, 6);
  } else {
    pen.lineWidth = 8;
    pen.lineCap = pen.lineJoin = "round";
    pen.beginPath();
    pen.moveTo(17, 34);
    pen.lineTo(28, 45);
    pen.lineTo(48, 21);
    pen.stroke();
  }
  link.type = "image/png";
  link.href = canvas.toDataURL();
}
