namespace Messaging.Breaker.Cli.CommandLine;

/// <summary>What a script can tell apart. The numbers are part of the contract: see docs/command-line.md.</summary>
static class ExitCode
{
    public const int Done = 0;

    /// <summary>Nothing of the kinds below: an error of the page's, or of this program.</summary>
    public const int Failed = 1;

    public const int Usage = 2;

    public const int NotFound = 3;

    public const int Ambiguous = 4;

    public const int Unauthorised = 5;

    public const int Unreachable = 6;

    /// <summary>This source cannot tell it, or cannot do it: another can.</summary>
    public const int CannotTell = 7;

    /// <summary>It was understood and refused, as the isolation of a disabled breaker is.</summary>
    public const int Refused = 8;

    /// <summary>It was not confirmed.</summary>
    public const int Unconfirmed = 9;

    /// <summary>"status --check" has found a breaker that is not closed, or "watch --until" has waited in vain.</summary>
    public const int NotAsWished = 10;

    public const int Interrupted = 130;

    /// <summary>The word for scripts that read errors as JSON.</summary>
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
