using System.Data.Common;
using Messaging.Breaker.Attribution;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.EntityFrameworkCore;

/// <summary>What an exception of a database call says about the server, whoever made it.</summary>
static class DatabaseOutcome
{
    static readonly Finding Failure = new(Outcome.Failure);

    /// <summary>What the breaker's owner says about exceptions comes first.</summary>
    public static Finding Of(Exception exception, ExceptionRules rules)
    {
        var finding = rules.Classify(exception);
        return rules.AreExplicit || finding != Failure || exception is not DbException database ? finding : new Finding(Of(database));
    }

    /// <summary>The classes of SQLSTATE are those of the SQL standard, and of PostgreSQL where it goes beyond that.</summary>
    static Outcome Of(DbException exception) => exception.IsTransient ? Outcome.Failure : exception.SqlState?[..Math.Min(2, exception.SqlState.Length)] switch
    {
        null or "" => Outcome.Failure,
        // Connection, rollback as by a deadlock, resources, limits, state of objects, intervention of an operator, system, internal.
        "08" or "40" or "53" or "54" or "55" or "57" or "58" or "XX" => Outcome.Failure,
        // A replica that cannot write, and refused credentials, hit everybody at once and are no sign of health.
        "25" or "28" => Outcome.Ignored,
        _ => Outcome.Success,
    };
}
