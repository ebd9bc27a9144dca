/** Short mails of our own, half of them spam. */
export const mails: { text: string; label: string }[] = [
  ...[
    'WINNER! Claim your free prize now, click here',
    'Lose weight fast, order cheap pills online today',
    'Dear friend, I have $9,000,000 for you, send your bank details',
    'Free cash! Click here to claim your money now',
    'Cheap watches, order now and save money',
    'You have won a prize! Send your details today',
    'Earn money from home, free details, click now',
    'Limited offer: cheap pills, free shipping, order today',
    'Congratulations winner, your cash prize is here!',
    'Save money on cheap loans, click here now',
  ].map((text) => ({ text, label: 'spam' })),
  ...[
    'The meeting is moved to Tuesday, see the notes',
    'Thanks for the patch, I will test it tomorrow',
    'Can you review the report before the meeting?',
    'The build fails on my machine, see the log',
    'Lunch on Friday? The others will come too',
    'I attached the notes from the last meeting',
    'The patch works, thanks for the review',
    'See you on Tuesday, I will bring the report',
    'Has anyone seen this error in the log before?',
    'The test fails tomorrow if the build is not moved',
  ].map((text) => ({ text, label: 'ham' })),
];

/** As a CSV file, one class after the other. */
export function mailsAsCsv(all = mails): string {
  return ['text,label', ...all.map(({ text, label }) => `"${text}",${label}`)].join('\n');
}

/** As JSON Lines. */
export function mailsAsLines(all = mails): string {
  return all.map((mail) => JSON.stringify(mail)).join('\n');
}
