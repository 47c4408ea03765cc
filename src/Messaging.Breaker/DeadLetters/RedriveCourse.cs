using System.Globalization;

namespace Messaging.Breaker.DeadLetters;

/// <summary>
/// Decides how many messages a redrive may move, from what became of those before. Pure: time is an argument. The first messages are a trial:
/// until it is seen that messages are handled, no more than some twenty are under way, so that an order in which everything fails
/// again costs no more.
/// </summary>
sealed class RedriveCourse(RedriveOrder order, DateTimeOffset began)
{
    const int Trial = 20;
    const int FewestToJudge = 10;
    const int FewestHandled = 5;

    /// <summary>Where nobody tells what was handled, an empty queue for so long, without a failure, is taken for success.</summary>
    static readonly TimeSpan QuietEnough = TimeSpan.FromSeconds(10);

    /// <summary>Within the trial a breaker that reopens so often has seen nothing but what fails.</summary>
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

    /// <summary>Whether it is known what became of all that was moved.</summary>
    public bool IsSettled => Handled + Failed >= Moved;

    /// <summary>Whether enough were handled to move more than the trial: at least a few, and no smaller a share than is demanded.</summary>
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

    /// <summary>Why the run must stop; null if it need not.</summary>
    public string? ReasonToStop() => order.FailedShare < 1 && Moved >= FewestToJudge && Failed > order.FailedShare * Moved
        ? string.Create(CultureInfo.InvariantCulture, $"{Failed:#,0} of {Moved:#,0} messages failed again, {Share(order.FailedShare)} is the most that is allowed; most often by {Commonest}")
        : null;

    /// <summary>A breaker, or an operator, is in the way.</summary>
    /// <returns>Why the run must stop; null if it is to wait.</returns>
    public string? Wait(Obstacle obstacle, DateTimeOffset now)
    {
        _pausedSince ??= now;
        _emptySince = null;
        if (obstacle.Generation is { } generation)
        {
            // From Open to HalfOpen and back are two.
            if (_generation is { } known && generation >= known + 2)
                _reopens++;
            if (_generation is null || generation >= _generation + 2)
                _generation = generation;
            if (Moved > 0 && Handled == 0 && _reopens >= MostReopens)
                return string.Create(CultureInfo.InvariantCulture, $"none of the {Moved:#,0} messages moved was handled, and meanwhile {obstacle.Text}. Those that were moved are in their queue and are tried whenever the breaker probes");
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
/// <param name="Generation">The breaker's generation; null if it is no breaker.</param>
readonly record struct Obstacle(string Text, long? Generation);
