namespace Messaging.Breaker.Breakers.Attempts;

/// <summary>What one attempt to handle a message says about one of its breakers.</summary>
enum AttemptResult : byte
{
    Succeeded,

    /// <summary>It failed because of this dependency, or of something that may be its fault.</summary>
    Failed,

    /// <summary>
    /// It failed without a failing call or a rule that explains it: what happens to other messages decides whose fault it was.
    /// </summary>
    Unexplained,

    /// <summary>It failed for a reason other than this dependency.</summary>
    Unrelated,

    /// <summary>The breaker refused a call, so nothing is known about the message.</summary>
    Refused,
}
