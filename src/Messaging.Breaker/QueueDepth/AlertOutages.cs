using Messaging.Breaker.Outages;

namespace Messaging.Breaker.QueueDepth;

/// <summary>The outages behind the raised alerts.</summary>
sealed class AlertOutages(Func<string, OngoingOutage?>? find, DependencyEscalation? escalation)
{
    readonly Dictionary<(string Rule, string Subject), Course> _courses = [];

    /// <summary>What is known of the outage behind an alert, and whether it has become worse.</summary>
    /// <param name="key">The alert.</param>
    /// <param name="breaker">Its breaker; null if no breaker is behind it.</param>
    /// <param name="state">The breaker's state.</param>
    /// <param name="since">When the alert was raised.</param>
    /// <param name="now">The time.</param>
    public AlertOutage? Look((string Rule, string Subject) key, string? breaker, BreakerState? state, DateTimeOffset since, DateTimeOffset now)
    {
        if (breaker is null || AlertRule.IsApart(key.Rule) || find?.Invoke(breaker) is not { } found)
            return null;
        if (!_courses.TryGetValue(key, out var course))
        {
            // An outage that had ended before did not cause it.
            if (found.IsOver && found.Report.Ended < since)
                return null;
            _courses.Add(key, course = new Course());
        }

        course.Take(Of(found));
        if (key.Rule == AlertRule.Dependency && escalation?.IsDue(course.Whole, state, now) == true)
            course.IsEscalated = true;
        return course.Whole with { IsEscalated = course.IsEscalated };
    }

    public void Forget((string Rule, string Subject) key) => _courses.Remove(key);

    static AlertOutage Of(OngoingOutage outage) => new()
    {
        Began = outage.Report.Began,
        Ended = outage.IsOver ? outage.Report.Ended : null,
        Reopens = outage.Report.Reopens,
        MessagesDelayed = outage.Report.Delayed,
        CallsSpared = outage.Report.CallsSpared,
    };

    sealed class Course
    {
        AlertOutage? _past;
        AlertOutage? _latest;

        public bool IsEscalated { get; set; }

        public AlertOutage Whole => _past?.Then(_latest!) ?? _latest!;

        public void Take(AlertOutage outage)
        {
            // An ended outage differs from one that is in progress or has ended later.
            if (_latest?.Ended is { } ended && outage.Began >= ended)
                _past = Whole;
            _latest = outage;
        }
    }
}
