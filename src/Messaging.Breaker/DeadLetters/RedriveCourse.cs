using System.Globalization;

namespace Messaging.Breaker.DeadLetters;

/// <summary>
/// Decides how many messages a redrive may move, from the results of those moved before. Pure: time is an argument. The first messages are a
/// trial: until some are seen to be handled, only about twenty are in flight, so that an order in which everything fails again costs no more.
/// </summary>
sealed class RedriveCourse(RedriveOrder order, DateTimeOffset began)
{
    const int Trial = 20;
    const int FewestToJudge = 10;
    const int FewestHandled = 5;

    /// <summary>
    /// If nothing reports which messages were handled, the queue being empty for this long without a failure counts as success.
    /// </summary>
    static readonly TimeSpan QuietEnough = TimeSpan.FromSeconds(10);

    /// <summary>During the trial, a breaker that reopens this often has seen only failing messages.</summary>
    const int MostReopens = 3;

    readonly Dictionary<string, int> _failures = [];
    int _trial = Trial;
    DateTimeOffset? _emptySince;
    DateTimeOffset _rateSince = began;
    long _movedSince;
    long? _generation;
    int _reopens;
    DateTimeOffset? _pausedSince;

    public long Moved { get; private set; }

    public long Failed { get; private set; }

    public long Handled { get; private set; }

    /// <summary>Whether the results of all moved messages are known.</summary>
    public bool IsSettled => Handled + Failed >= Moved;

    /// <summary>Whether enough messages were handled to go beyond the trial: at least a few, and at least the required share.</summary>
    bool IsProven => order.FailedShare >= 1 || (Handled >= FewestHandled && Failed <= order.FailedShare * (Handled + Failed));

    public void Move(int count, DateTimeOffset now)
    {
        Moved += count;
        _movedSince += count;
        _emptySince = null;
        if (now - _rateSince > TimeSpan.FromSeconds(1))
            (_rateSince, _movedSince) = (now, count);
    }

    public void Handle() => Handled++;

    public void Fail(FaultDetails fault)
    {
        Failed++;
        var name = fault.Exception is { } exception ? $"{exception}: {fault.Text}" : fault.Text;
        _failures[name] = _failures.GetValueOrDefault(name) + 1;
        _emptySince = null;
    }

    /// <summary>Why the run must stop; null if it may continue.</summary>
    public string? ReasonToStop() => order.FailedShare < 1 && Moved >= FewestToJudge && Failed > order.FailedShare * Moved
        ? string.Create(CultureInfo.InvariantCulture, $"{Failed:#,0} of {Moved:#,0} messages failed again, and at most {Share(order.FailedShare)} may; most often with {Commonest}")
        : null;

    /// <summary>A breaker or an operator blocks the run.</summary>
    /// <returns>Why the run must stop; null if it has to wait.</returns>
    public string? Wait(Obstacle obstacle, DateTimeOffset now)
    {
        _pausedSince ??= now;
        _emptySince = null;
        if (obstacle.Generation is { } generation)
        {
            // Each reopen is two generations: Open to HalfOpen and back.
            if (_generation is { } known && generation >= known + 2)
                _reopens++;
            if (_generation is null || generation >= _generation + 2)
                _generation = generation;
            if (Moved > 0 && Handled == 0 && _reopens >= MostReopens)
                return string.Create(CultureInfo.InvariantCulture, $"none of the {Moved:#,0} messages moved was handled, and now {obstacle.Text}. Those moved are in their queue, and are tried whenever the breaker probes");
        }

        return now - _pausedSince > order.LongestPause ? $"it has waited for {order.LongestPause} because {obstacle.Text}" : null;
    }

    /// <returns>How many messages may be moved now; 0 if it has to wait a moment.</returns>
    public int Room(long waiting, int? rampLimit, DateTimeOffset now)
    {
        (_pausedSince, _generation, _reopens) = (null, null, 0);
        var room = Math.Min(order.MaxWaiting, rampLimit ?? int.MaxValue) - waiting;
        if (!IsProven)
        {
            Watch(waiting, now);
            room = Math.Min(room, _trial - Moved);
        }

        if (order.Rate is { } rate)
            room = Math.Min(room, (long)((now - _rateSince).TotalSeconds * rate) + 1 - _movedSince);
        return (int)Math.Clamp(room, 0, int.MaxValue);
    }

    string Commonest => _failures.Count == 0 ? "an unknown exception" : _failures.MaxBy(failure => failure.Value).Key;

    static string Share(double share) => string.Create(CultureInfo.InvariantCulture, $"{share:P0}");

    void Watch(long waiting, DateTimeOffset now)
    {
        if (waiting > 0)
            _emptySince = null;
        else if (Moved >= _trial)
            _emptySince ??= now;
        if (now - _emptySince < QuietEnough || _emptySince is null)
            return;
        _trial *= 2;
        _emptySince = null;
    }
}

/// <summary>Why an endpoint gets no messages at the moment.</summary>
/// <param name="Text">In words, as in "breaker 'payments' is Open: ten calls in a row failed".</param>
/// <param name="Generation">The breaker's generation; null if the obstacle is not a breaker.</param>
readonly record struct Obstacle(string Text, long? Generation);
