using System.Data.Common;
using Messaging.Breaker.Classifying;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.EntityFrameworkCore;

/// <summary>What an exception of a database call says about the server, whichever provider threw it.</summary>
static class DatabaseOutcome
{
    static readonly Classification Failure = new(Outcome.Failure);

    /// <summary>The breaker's own rules for exceptions take precedence.</summary>
    public static Classification Of(Exception exception, ExceptionRules rules)
    {
        var finding = rules.Classify(exception);
        return rules.AreExplicit || finding != Failure || exception is not DbException database ? finding : new Classification(Of(database));
    }

    /// <summary>The SQLSTATE classes of the SQL standard, and PostgreSQL's where it goes beyond that.</summary>
    static Outcome Of(DbException exception) => exception.IsTransient ? Outcome.Failure : exception.SqlState?[..Math.Min(2, exception.SqlState.Length)] switch
    {
        null or "" => Outcome.Failure,
        // Connection, rollback (as after a deadlock), resources, limits, object state, operator intervention, system, internal.
        "08" or "40" or "53" or "54" or "55" or "57" or "58" or "XX" => Outcome.Failure,
        // A replica that cannot write, and refused credentials, affect all callers at once and are not a sign of health.
        "25" or "28" => Outcome.Ignored,
        _ => Outcome.Success,
    };
}
