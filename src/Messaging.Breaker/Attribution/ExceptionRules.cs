using System.Net;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Attribution;

/// <summary>
/// Whose fault an exception is, looked for in it, its inner exceptions and all branches of aggregates. What is ignored wins, then what trips
/// at once, then what is tracked.
/// </summary>
sealed class ExceptionRules
{
    readonly List<Func<Exception, bool>> _tracked = [];
    readonly List<Func<Exception, bool>> _ignored = [];
    readonly List<Func<Exception, TripDemand?>> _fatal = [OtherBreakers.DemandOf];

    /// <summary>The user said what is the dependency's fault.</summary>
    public bool AreExplicit => _tracked.Count > 0;

    public void Track<T>(Func<T, bool>? predicate) where T : Exception => _tracked.Add(Matching(predicate));

    public void Ignore<T>(Func<T, bool>? predicate) where T : Exception => _ignored.Add(Matching(predicate));

    public void TripImmediately<T>(Func<T, TimeSpan?>? minimumBreak) where T : Exception => _fatal.Add(
        exception => exception is T match ? new TripDemand(Describe(match), minimumBreak?.Invoke(match)) : null);

    public Finding Classify(Exception exception)
    {
        var all = Flatten(exception).ToList();
        if (all.Exists(e => _ignored.Exists(rule => Applies(rule, e))))
            return new Finding(Outcome.Ignored);
        foreach (var candidate in all)
            foreach (var rule in _fatal)
                if (Apply(rule, candidate) is { } demand)
                    return new Finding(Outcome.Failure, demand);
        var counts = AreExplicit
            ? all.Exists(e => _tracked.Exists(rule => Applies(rule, e)))
            : !all.Exists(exception => IsRequestRejected(exception) || ConcurrencyConflict.Is(exception));
        return new Finding(counts ? Outcome.Failure : Outcome.Ignored);
    }

    static bool Applies(Func<Exception, bool> rule, Exception exception) => Apply<bool?>(e => rule(e), exception) is true;

    /// <summary>A rule of the user's that itself throws does not apply: a message must not pay for that.</summary>
    static T? Apply<T>(Func<Exception, T?> rule, Exception exception)
    {
        try
        {
            return rule(exception);
        }
        catch (Exception)
        {
            return default;
        }
    }

    /// <summary>A server that answers "your request is wrong" works.</summary>
    static bool IsRequestRejected(Exception exception) =>
        exception is HttpRequestException { StatusCode: { } status } && !HttpOutcome.IsFailure(status) && status >= HttpStatusCode.BadRequest;

    static Func<Exception, bool> Matching<T>(Func<T, bool>? predicate) where T : Exception =>
        exception => exception is T match && (predicate is null || predicate(match));

    static string Describe(Exception exception) => $"{exception.GetType().Name} trips at once";

    /// <summary>An exception with all that are inside it.</summary>
    public static IEnumerable<Exception> Flatten(Exception exception)
    {
        yield return exception;
        var inner = exception is AggregateException aggregate ? aggregate.InnerExceptions : One(exception.InnerException);
        foreach (var nested in inner.SelectMany(Flatten))
            yield return nested;

        static IReadOnlyCollection<Exception> One(Exception? exception) => exception is null ? [] : [exception];
    }
}
