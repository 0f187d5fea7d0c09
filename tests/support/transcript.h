// tests/support/transcript.h
//
// Golden transcripts: a session with the server as a text file.
//   Lines, in the order in which they happen:
//     # a comment
//     generator: hold | release | "text" (what it inserts, for the oldest held request) | says "text"
//     generator: finds [{"word": ..., "message": ..., "code": ...}]   what is wrong with the document
//     engine: dies | returns              in a session behind a Relay: as kill -9 does it; a new one is there
//     generator: missing MESSAGE | actions JSON | edit "text" | no edit REASON | fails MESSAGE
//     --> start [JSON]                    initialize and initialized, their answer unseen; JSON is merged
//     into the params
//     --> ID initialize [JSON]            the same without initialized, and seen
//     --> open FILE | text                "^" is the cursor, "⟦⟧" the selection, "\n" a line end; language by
//     suffix
//     --> change FILE | text              sent as the one incremental change that makes the new text of the
//     old
//     --> close FILE
//     --> ID inlineCompletion [invoked] [selected "text"]   at the cursor of the file named last
//     --> ID codeAction [JSON]            at the selection or cursor; JSON is the context; "⟦⟧" in it is the
//     range
//     --> ID resolve N | run N            the Nth action of the last list, or its command
//     --> ID completion    --> ID diagnostic ["previous result id"]
//     --> answer METHOD JSON              to what the server asked last with that method
//     --> later                           what the server put off is due
//     --> minutes N                       so much time passes
//     --> ID METHOD [JSON]    --> METHOD [JSON]    --> cancel ID    --> end    --> raw TEXT
//     <-- ID JSON    <-- ID error CODE ["part of the message"]    <-- METHOD JSON    <-- exit CODE
//   Everything that the server sends must stand here, in order; JSON need only be a part of what was sent.
//   With UPDATE_GOLDEN=1 in the environment lines that differ are rewritten.
#pragma once

#include <string>
#include <vector>

namespace seedling {

struct TranscriptRun {
  std::vector<std::string> failures;  // "file:line: what"
  std::string rewritten;              // the transcript with what really came
};

// is_relayed: the session goes through a Relay, which must not be noticed.
TranscriptRun run_transcript(const std::string& name, const std::string& text, bool is_relayed = false);

}  // namespace seedling
