namespace Messaging.Breaker.Engine;

readonly record struct EngineSnapshot(
    BreakerState State,
    BreakerMode Mode,
    long Generation,
    string Reason,
    long Since,
    long? Until,
    WindowSnapshot Evidence);
