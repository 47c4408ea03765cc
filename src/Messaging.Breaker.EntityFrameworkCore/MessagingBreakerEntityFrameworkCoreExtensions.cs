using Messaging.Breaker.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace Messaging.Breaker;

/// <summary>How the database calls of Entity Framework Core are attributed to breakers.</summary>
public static class MessagingBreakerEntityFrameworkCoreExtensions
{
    /// <summary>
    /// Attributes the database calls of a context to a breaker. While the breaker refuses, calls end in <see cref="BreakerOpenException"/> and
    /// are not made; within SaveChanges it may be inside of a <see cref="DbUpdateException"/>.
    /// </summary>
    /// <remarks>
    /// <para>
    /// A call is a command, up to the end of its rows, the opening of a connection, or the commit of a transaction. A connection that opens
    /// counts neither as success nor as failure: it may come from a pool.
    /// </para>
    /// <para>
    /// A call fails by an exception that the provider calls transient or that has no SQLSTATE, such as a time-out or a lost connection, by a
    /// SQLSTATE of the classes 08, 40, 53, 54, 55, 57, 58 and XX, and by a connection that breaks while rows are read. The classes 25 and 28
    /// count neither as success nor as failure: they hit everybody when a replica takes over or credentials expire. By any other error, such
    /// as a violated constraint, the server has answered, which is a success. Where the breaker's options say something about an exception,
    /// that decides.
    /// </para>
    /// <para>With <c>EnableRetryOnFailure</c> every single try is a call.</para>
    /// </remarks>
    /// <param name="context">The options of the context.</param>
    /// <param name="provider">The container in which the breakers are, as <c>AddDbContext</c> hands it to its action.</param>
    /// <param name="breaker">The breaker's name.</param>
    /// <exception cref="KeyNotFoundException">There is no such breaker; the message lists the known names.</exception>
    public static DbContextOptionsBuilder AddBreaker(this DbContextOptionsBuilder context, IServiceProvider provider, string breaker)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(provider);
        ArgumentException.ThrowIfNullOrEmpty(breaker);
        return context.AddInterceptors(BreakerInterceptor.Of(provider.GetBreakers($"AddBreaker(provider, \"{breaker}\")").Get(breaker)));
    }

    /// <inheritdoc cref="AddBreaker(DbContextOptionsBuilder, IServiceProvider, string)"/>
    /// <typeparam name="TContext">The type of the context.</typeparam>
    public static DbContextOptionsBuilder<TContext> AddBreaker<TContext>(
        this DbContextOptionsBuilder<TContext> context, IServiceProvider provider, string breaker)
        where TContext : DbContext
    {
        AddBreaker((DbContextOptionsBuilder)context, provider, breaker);
        return context;
    }
}
