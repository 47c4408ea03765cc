namespace Messaging.Breaker;

/// <summary>An alert was raised, its severity has risen, or the keys that it names are others. Also the message that is published on the bus, and the webhook's body.</summary>
/// <param name="Key">The same for every raising and clearing of this alert, on every instance: the rule, and the breaker or queue.</param>
/// <param name="Instance">The machine that noticed.</param>
/// <param name="Alert">The alert.</param>
public sealed record QueueAlertRaised(string Key, string Instance, QueueAlert Alert);

/// <summary>An alert was cleared. Also the message that is published on the bus, and the webhook's body.</summary>
/// <param name="Key">That of its raising.</param>
/// <param name="Instance">The machine that noticed.</param>
/// <param name="Alert">The alert as it was last.</param>
/// <param name="At">When it was cleared (UTC).</param>
public sealed record QueueAlertCleared(string Key, string Instance, QueueAlert Alert, DateTimeOffset At);
