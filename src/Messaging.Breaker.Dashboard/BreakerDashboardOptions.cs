namespace Messaging.Breaker;

/// <summary>Who may read the dashboard and steer with it, and how far back it remembers. Read once, when the host starts.</summary>
public sealed class BreakerDashboardOptions
{
    /// <summary>
    /// The name of the authorization policy for reading. Null, the default, admits only requests from this machine's loopback interface.
    /// </summary>
    public string? ReadPolicy { get; set; }

    /// <summary>
    /// The name of the authorization policy for steering, in addition to <see cref="ReadPolicy"/>. Null, the default, admits only requests
    /// from this machine's loopback interface.
    /// </summary>
    public string? SteerPolicy { get; set; }

    /// <summary>
    /// The name of the authorization policy for the bodies of dead letters, in addition to the other policies. Null, the default, never
    /// shows bodies.
    /// </summary>
    public string? BodyPolicy { get; set; }

    /// <summary>The name of this process on the dashboard; null, the default, for the application's name.</summary>
    public string? ServiceName { get; set; }

    /// <summary>How far back the chart reaches, with one sample a second. From 1 minute to 2 hours; default 15 minutes.</summary>
    public TimeSpan History { get; set; } = TimeSpan.FromMinutes(15);
}
