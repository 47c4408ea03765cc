namespace Messaging.Breaker.Attribution;

/// <summary>
/// Recognises that two messages met in one row or document, as the repositories of sagas report it, without a dependency on any of them:
/// EF Core, Marten, and MassTransit's own repositories for MongoDB, Redis, Dapper and others all end the name alike.
/// </summary>
static class ConcurrencyConflict
{
    public static bool Is(Exception exception)
    {
        for (var type = exception.GetType(); type is not null && type != typeof(Exception); type = type.BaseType)
            if (type.Name.EndsWith("ConcurrencyException", StringComparison.Ordinal) || type.FullName == "NHibernate.StaleObjectStateException")
                return true;
        return false;
    }
}
