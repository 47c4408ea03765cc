namespace Messaging.Breaker.QueueDepth;

/// <summary>
/// Which keys an alert has named to the sinks. It is told again when these are no longer the worst, or when twice as many are down, but only
/// after some time, however much keys come and go.
/// </summary>
sealed record KeyNews(IReadOnlyList<string> Named, int Down, DateTimeOffset At)
{
    static readonly TimeSpan Quiet = TimeSpan.FromMinutes(5);

    public static KeyNews Of(QueueAlert alert, DateTimeOffset at) => new(alert.Keys, DownIn(alert), at);

    public bool IsOldAgainst(QueueAlert alert, DateTimeOffset now) =>
        now - At >= Quiet && alert.Keys.Count > 0 && (DownIn(alert) >= 2 * Down || alert.Keys.Except(Named).Any());

    static int DownIn(QueueAlert alert) => alert.Keys.Count + alert.MoreKeys;
}
