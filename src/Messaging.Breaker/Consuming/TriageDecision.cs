namespace Messaging.Breaker.Consuming;

/// <summary>What happens to a message that failed.</summary>
enum TriageDecision
{
    /// <summary>The failure is its own: it goes its ordinary way.</summary>
    Own,

    /// <summary>The dependency is down, or suspected to be: the message goes back unharmed.</summary>
    Return,

    /// <summary>It runs again in its place.</summary>
    Retest,

    /// <summary>Its dependency is down but an alternative is closed: it runs again at once, in its place, to call the alternative.</summary>
    Elsewhere,

    /// <summary>It goes back behind the others, because their outcomes are needed to judge it.</summary>
    GoBehind,
}
