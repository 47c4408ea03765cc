namespace Messaging.Breaker.Windows;

/// <summary>A window, independent of its times.</summary>
sealed record WindowDefinition(string Name, string? Breaker, string? Endpoint, WindowSchedule Schedule, string Reason, TimeSpan AnnounceBefore)
{
    public string? By { get; init; }

    public bool IsRemovable { get; init; }

    public string? Cron { get; init; }

    public string? TimeZone { get; init; }

    public PlannedWindow At((DateTimeOffset Start, DateTimeOffset End) time) => new()
    {
        Name = Name,
        Breaker = Breaker,
        Endpoint = Endpoint,
        Start = time.Start,
        End = time.End,
        Reason = Reason,
        By = By,
        IsRemovable = IsRemovable,
        Cron = Cron,
        TimeZone = TimeZone,
    };
}
