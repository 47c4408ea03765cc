namespace Messaging.Breaker;

/// <summary>Who may look at the dashboard and steer by it, and how far back it remembers. Read once, when the host starts.</summary>
public sealed class BreakerDashboardOptions
{
    /// <summary>
    /// The name of the authorization policy that whoever looks must satisfy. Null, the default, admits requests from this machine's
    /// loopback interface and no others.
    /// </summary>
    public string? ReadPolicy { get; set; }

    /// <summary>
    /// The name of the authorization policy that whoever steers must satisfy, besides <see cref="ReadPolicy"/>. Null, the default, admits
    /// requests from this machine's loopback interface and no others.
    /// </summary>
    public string? SteerPolicy { get; set; }

    /// <summary>
    /// The name of the authorization policy that whoever looks at the bodies of dead letters must satisfy, besides the others. Null, the default, shows
    /// them to nobody.
    /// </summary>
    public string? BodyPolicy { get; set; }

    /// <summary>What the page calls this process; null, the default, for the application's name.</summary>
    public string? ServiceName { get; set; }

    /// <summary>How far back the chart reaches, at one sample a second: 15 minutes by default, from 1 minute to 2 hours.</summary>
    public TimeSpan History { get; set; } = TimeSpan.FromMinutes(15);
}
