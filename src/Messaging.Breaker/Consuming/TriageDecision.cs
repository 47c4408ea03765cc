namespace Messaging.Breaker.Consuming;

/// <summary>What becomes of a message that failed.</summary>
enum TriageDecision
{
    /// <summary>The failure is its own: it goes its ordinary way.</summary>
    Own,

    /// <summary>The dependency is down, or under suspicion: the message goes back unharmed.</summary>
    Return,

    /// <summary>It is run again in its place.</summary>
    Retest,

    /// <summary>It goes back behind the others, whose outcomes are needed to judge it.</summary>
    GoBehind,
}
