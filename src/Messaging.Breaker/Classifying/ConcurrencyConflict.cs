namespace Messaging.Breaker.Classifying;

/// <summary>
/// Recognises a conflict of two messages over one row or document, as saga repositories report it, without depending on any of them: EF Core,
/// Marten, and MassTransit's own repositories for MongoDB, Redis, Dapper and others all use the same ending of the name.
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
