namespace Messaging.Breaker;

/// <summary>
/// When one kind of alert is raised and cleared, with a distance between the two so that a fluctuating figure does not page twice. In
/// <see cref="QueueDepthOptions.Overrides"/>, null means the setting for all queues.
/// </summary>
/// <typeparam name="T">The type of the figure.</typeparam>
public sealed class QueueAlertRule<T> where T : struct
{
    /// <summary>Whether the rule is used.</summary>
    public bool? IsEnabled { get; set; }

    /// <summary>The alert is raised when the figure has reached this for as long as <see cref="For"/>. Positive.</summary>
    public T? Raise { get; set; }

    /// <summary>
    /// The alert is cleared when the figure has been on the good side of this for as long as <see cref="ClearFor"/>. Default null: four
    /// fifths of <see cref="Raise"/>, or five fourths if a lower figure is worse.
    /// </summary>
    public T? Clear { get; set; }

    /// <summary>How long the figure must be bad without a break. From 0 to 1 day.</summary>
    public TimeSpan? For { get; set; }

    /// <summary>How long the figure must be good without a break. From 0 to 1 day; default 1 minute.</summary>
    public TimeSpan? ClearFor { get; set; }

    /// <summary>How urgent the alert is.</summary>
    public AlertSeverity? Severity { get; set; }

    internal QueueAlertRule<T> Over(QueueAlertRule<T> general) => new()
    {
        IsEnabled = IsEnabled ?? general.IsEnabled,
        Raise = Raise ?? general.Raise,
        // With a custom threshold, the default distance makes no sense.
        Clear = Clear ?? (Raise is null ? general.Clear : null),
        For = For ?? general.For,
        ClearFor = ClearFor ?? general.ClearFor,
        Severity = Severity ?? general.Severity,
    };
}
