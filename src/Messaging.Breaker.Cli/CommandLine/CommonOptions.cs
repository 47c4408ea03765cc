using System.CommandLine;

namespace Messaging.Breaker.Cli.CommandLine;

/// <summary>The options of every command: where the breakers are, who asks, and how to answer.</summary>
sealed class CommonOptions
{
    public Option<string?> Page { get; } = Text("--page", "URL", "The page of a worker, such as http://host:5000/breakers; or BREAKERS_PAGE");

    public Option<string?> Store { get; } = Text("--store", "URL", "The fleet's store, such as redis://host:6379 or amqp://host/vhost; or BREAKERS_STORE");

    public Option<string?> Prefix { get; } = Text("--prefix", "NAME", "The fleet's prefix in the store, messaging-breaker by default; or BREAKERS_PREFIX");

    public Option<string?> Token { get; } = Text("--token", "TOKEN", "The token to send to the page in the Authorization header; prefer BREAKERS_TOKEN, because other users can see your command line");

    public Option<string?> TokenFile { get; } = Text("--token-file", "FILE", "A file that contains the token; or BREAKERS_TOKEN_FILE");

    public Option<string?> Scheme { get; } = Text("--scheme", "NAME", "The token's scheme, Bearer by default; or BREAKERS_SCHEME");

    public Option<string[]> Header { get; } = new("--header")
    {
        Description = "Another header for the page, such as 'X-Api-Key: ...'; can be repeated",
        HelpName = "NAME: VALUE",
        Recursive = true,
    };

    public Option<string?> By { get; } = Text("--by", "WHO", "Who gives the order, for the log and the ledger: user@machine by default; or BREAKERS_BY");

    public Option<TimeSpan?> Timeout { get; } = Options.Length("--timeout", "How long to wait for an answer, 10s by default");

    public Option<bool> Json { get; } = new("--json") { Description = "Print JSON, for errors too", Recursive = true };

    public Option<bool> NoColour { get; } = new("--no-color") { Description = "Print no colours, as with NO_COLOR", Recursive = true };

    public Option<bool> Utc { get; } = new("--utc") { Description = "Show times in UTC instead of your time zone", Recursive = true };

    public void AddTo(RootCommand root)
    {
        Timeout.Recursive = true;
        foreach (var option in (Option[])[Page, Store, Prefix, Token, TokenFile, Scheme, Header, By, Timeout, Json, NoColour, Utc])
            root.Options.Add(option);
    }

    static Option<string?> Text(string name, string value, string description) => new(name) { Description = description, HelpName = value, Recursive = true };
}
