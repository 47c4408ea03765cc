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

    /// <summary>Its dependency is down, and another that can stand in for it is not: it is run again in its place, at once, to call that one.</summary>
    Elsewhere,

    /// <summary>It goes back behind the others, whose outcomes are needed to judge it.</summary>
    GoBehind,
}
