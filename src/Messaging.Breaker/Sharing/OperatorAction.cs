namespace Messaging.Breaker.Sharing;

/// <summary>What an operator can do to a fleet's breaker.</summary>
enum OperatorAction
{
    Trip,
    Isolate,
    Release,
    Reset,
    Enforce,
    Shadow,
    Disable,
}
