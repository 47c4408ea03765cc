namespace Messaging.Breaker.Cli.CommandLine;

/// <summary>The exit codes for scripts. They are part of the contract: see docs/command-line.md.</summary>
static class ExitCode
{
    public const int Done = 0;

    /// <summary>None of the below: an error in the page, or in this program.</summary>
    public const int Failed = 1;

    public const int Usage = 2;

    public const int NotFound = 3;

    public const int Ambiguous = 4;

    public const int Unauthorised = 5;

    public const int Unreachable = 6;

    /// <summary>This source cannot tell or do it; another one can.</summary>
    public const int CannotTell = 7;

    /// <summary>It was understood and refused, such as isolating a disabled breaker.</summary>
    public const int Refused = 8;

    /// <summary>It was not confirmed.</summary>
    public const int Unconfirmed = 9;

    /// <summary>"status --check" found a breaker that is not closed, or "watch --until" did not see the state in time.</summary>
    public const int NotAsWished = 10;

    public const int Interrupted = 130;

    /// <summary>The name of the code for scripts that read errors as JSON.</summary>
    public static string NameOf(int code) => code switch
    {
        Usage => "usage",
        NotFound => "notFound",
        Ambiguous => "ambiguous",
        Unauthorised => "unauthorised",
        Unreachable => "unreachable",
        CannotTell => "cannotTell",
        Refused => "refused",
        Unconfirmed => "unconfirmed",
        NotAsWished => "notAsWished",
        Interrupted => "interrupted",
        _ => "failed",
    };
}
