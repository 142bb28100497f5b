/** @file Emoji to pick from, with words to find them by; any other can be typed. */

/** @type {[string, string][]} the name of a group, and what is in it */
const GROUPS = [
  [
    "Often",
    "👍 thumbsup yes agree|❤️ heart love|😂 joy laugh tears|🎉 tada party celebrate|😮 surprised wow|😢 cry sad|🙏 thanks please pray|✅ done check|👀 eyes look|🔥 fire hot|🚀 rocket ship launch|💯 hundred perfect",
  ],
  [
    "Faces",
    "😀 grin happy|😄 smile happy|😅 sweat phew|🤣 rofl laugh|😊 blush|🙂 slight smile|😉 wink|😍 heart eyes|😘 kiss|😋 yum|😜 tongue|🤔 thinking hmm|🤨 eyebrow doubt|😐 neutral|😑 expressionless|🙄 roll eyes|😏 smirk|😬 grimace|😌 relieved|😴 sleep tired|🤒 sick|🤯 mind blown|🥳 party face|😎 cool sunglasses|🤓 nerd|😕 confused|😟 worried|😳 flushed|🥺 pleading|😱 scream|😭 sob|😤 huff|😠 angry|😡 rage|🤬 swear|🤖 robot|👻 ghost|💩 poop|🤡 clown",
  ],
  [
    "Hands",
    "👎 thumbsdown no|👌 ok|✌️ victory peace|🤞 fingers crossed|🤟 love you|👏 clap applause|🙌 hooray raised|👋 wave hello bye|🤝 handshake deal|💪 strong muscle|☝️ point up|👉 point right|👈 point left|🤷 shrug|🤦 facepalm|🙋 raise hand|🫡 salute|🫶 heart hands|✍️ write|🖖 vulcan",
  ],
  [
    "Things",
    "💡 idea bulb|📌 pin|📎 paperclip|📅 calendar date|⏰ alarm clock|⏳ hourglass wait|🔒 lock|🔑 key|🐛 bug|🔧 wrench fix|🔨 hammer build|⚙️ gear|💻 laptop computer|🖥️ desktop|📱 phone|📷 camera|📦 package|📝 memo note|📚 books|🗑️ trash|💾 save disk|🔗 link|📈 up chart|📉 down chart|🏁 finish|🏆 trophy win|🎯 target|🎁 gift|🎂 cake birthday|🎵 music|☕ coffee|🍺 beer|🍻 cheers|🍷 wine|🍕 pizza|🍔 burger|🍎 apple|🥐 croissant|🍪 cookie|🌶️ spicy",
  ],
  [
    "Nature",
    "🐶 dog|🐱 cat|🐭 mouse|🦊 fox|🐻 bear|🐼 panda|🐸 frog|🐙 octopus|🦄 unicorn|🐝 bee|🦋 butterfly|🐢 turtle|🐧 penguin|🌱 seedling|🌳 tree|🌸 blossom|🌹 rose|🌈 rainbow|☀️ sun|🌧️ rain|⛄ snowman|❄️ snow cold|🌍 earth world|🌙 moon night|⭐ star",
  ],
  [
    "Signs",
    "❌ cross no|⚠️ warning|❓ question|❗ exclamation|➕ plus|➖ minus|♻️ recycle|🛑 stop|🟢 green|🟡 yellow|🔴 red|💔 broken heart|💚 green heart|💙 blue heart|💜 purple heart|🧡 orange heart|✨ sparkles|💥 boom|💤 zzz|💬 speech|🆗 ok button|🆕 new|🔁 repeat|⬆️ up arrow|➡️ right arrow|🏠 home|🚗 car|🚲 bike|✈️ plane travel|🚆 train|🏖️ beach holiday|🇪🇺 europe flag|🏳️‍🌈 rainbow flag",
  ],
];

/** @typedef {{sign: string, words: string}} Emoji */

/** @type {{name: string, emoji: Emoji[]}[]} */
export const EMOJI = GROUPS.map(([name, all]) => ({
  name,
  emoji: all.split("|").map((each) => {
    const [sign = "", ...words] = each.split(" ");
    return { sign, words: words.join(" ") };
  }),
}));

/** What is offered first. */
export const OFTEN = (EMOJI[0]?.emoji ?? []).map((each) => each.sign).slice(0, 6);

/**
 * Those that a word stands for; those that begin with it first.
 * @param {string} word
 * @returns {Emoji[]}
 */
export function findEmoji(word) {
  const wanted = word.toLowerCase().replaceAll("_", " ");
  const all = EMOJI.flatMap((group) => group.emoji).filter((each) => each.words.includes(wanted));
  return all.sort(
    (one, other) => Number(other.words.startsWith(wanted)) - Number(one.words.startsWith(wanted)),
  );
}
