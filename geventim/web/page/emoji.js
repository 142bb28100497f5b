/** @file Emoji to pick from, with words to find them by. */

const GROUPS = {
	Often: "👍 thumbsup yes agree|❤️ heart love|😂 joy laugh tears|🎉 tada party celebrate|😮 surprised wow|😢 cry sad|🙏 thanks please pray|✅ done check|👀 eyes look|🔥 fire hot|🚀 rocket ship launch|💯 hundred perfect",
	Faces: "😀 grin happy|😄 smile happy|😅 sweat phew|🤣 rofl laugh|😊 blush|🙂 slight smile|😉 wink|😍 heart eyes|😘 kiss|😜 tongue|🤔 thinking hmm|😴 sleep tired|😎 cool sunglasses|😕 confused|😱 scream|😭 sob|😡 angry rage|🤖 robot|💩 poop",
	Hands: "👎 thumbsdown no|👌 ok|✌️ victory peace|👏 clap applause|🙌 hooray raised|👋 wave hello bye|🤝 handshake deal|💪 strong muscle|👉 point|🤷 shrug|🤦 facepalm|🫡 salute|🫶 heart hands",
	Things: "💡 idea bulb|📎 paperclip|📅 calendar date|🔒 lock|🔑 key|🐛 bug|💻 laptop computer|🔗 link|📈 up chart|📉 down chart|🎂 cake birthday|☕ coffee|🍺 beer",
	Nature: "🐶 dog|🐱 cat|🦊 fox|🐼 panda|🌈 rainbow|☀️ sun|❄️ snow cold|🌍 earth world|⭐ star",
	Signs: "❌ cross no|⚠️ warning|❓ question|💚 green heart|💙 blue heart|✨ sparkles|💬 speech|🆕 new|➡️ arrow|🏠 home|🚗 car|✈️ plane travel|🏳️‍🌈 rainbow flag",
};

const EMOJI = Object.entries(GROUPS).map(([name, all]) => ({
	name,
	emoji: all.split("|").map((each) => {
		const [sign, ...words] = each.split(" ");
		return { sign, words: words.join(" ") };
	}),
}));

export const OFTEN = EMOJI[0].emoji.slice(0, 3).map((each) => each.sign);

/** Those that were meant, in groups. @param {string} text */
export function foundEmoji(text) {
	const words = text.trim();
	if (/\p{Extended_Pictographic}|\p{Regional_Indicator}/u.test(words)) return [{ name: "Found", emoji: [{ sign: words, words }] }];
	return words ? [{ name: "Found", emoji: findEmoji(words) }] : EMOJI;
}

/** Those that a word stands for; those that it begins first. @param {string} word */
export function findEmoji(word) {
	const wanted = word.toLowerCase().replaceAll("_", " ");
	const all = EMOJI.flatMap((group) => group.emoji).filter((each) => each.words.includes(wanted));
	return all.sort((one, other) => Number(other.words.startsWith(wanted)) - Number(one.words.startsWith(wanted)));
}
