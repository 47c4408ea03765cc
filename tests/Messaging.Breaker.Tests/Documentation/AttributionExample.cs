using System.Data.Common;
using Dapper;
using MailKit.Net.Smtp;
using MassTransit;
using Messaging.Breaker;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MimeKit;
using Npgsql;
using StackExchange.Redis;

namespace OrderService;

/// <summary>The code of docs/attribution.md, compiled.</summary>
static class AttributionExample
{
    public static void AddClients(HostApplicationBuilder builder)
    {
        builder.Services.AddHttpClient<PaymentsClient>()
            .AddBreaker("payments");

        builder.Services.AddGrpcClient<StockClient>(options => options.Address = new Uri("https://stock.example"))
            .AddBreaker("stock");

        builder.Services.AddDbContext<OrdersContext>((provider, options) => options
            .UseNpgsql(builder.Configuration.GetConnectionString("orders"))
            .AddBreaker(provider, "orders-db"));
    }

    public static void AddBreakers(MessagingBreakerBuilder breakers)
    {
        breakers.Add("orders-db", options => options.Ignore<SqlException>(e => e.Number is 2601 or 2627));
        breakers.Add("orders-db", options => options.Ignore<DbException>(e => e.SqlState is ['2', '2' or '3', ..] or ['4', '2', ..]));
        breakers.Add("prices", options => options.Ignore<RedisServerException>(e => e.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal)));
        breakers.Add("mail", options => options.Ignore<SmtpCommandException>(e => e.ErrorCode == SmtpErrorCode.RecipientNotAccepted));
        breakers.Add("carrier", options => options.TripImmediately<CarrierBusyException>(e => e.RetryAfter));
    }

    public static async Task<object?> AskDatabasesAsync(
        IBreakerRegistry breakers, NpgsqlDataSource source, DbConnection connection, IConnectionMultiplexer redis, ConsumeContext<OrderPlaced> context)
    {
        var total = await breakers["orders-db"].ExecuteAsync(
            async token =>
            {
                await using var command = source.CreateCommand("SELECT sum(total) FROM orders");
                return (decimal?)await command.ExecuteScalarAsync(token);
            },
            context.CancellationToken);

        var orders = await breakers["orders-db"].ExecuteAsync(
            async token => await connection.QueryAsync<Order>(new CommandDefinition("SELECT * FROM orders", cancellationToken: token)),
            context.CancellationToken);

        var price = await breakers["prices"].ExecuteAsync(
            async _ => await redis.GetDatabase().StringGetAsync("price:" + context.Message.OrderId),
            context.CancellationToken);
        return (total, orders, price);
    }

    public static async Task SendAsync(IBreakerRegistry breakers, MimeMessage mail, Carrier carrier, ConsumeContext<OrderPlaced> context)
    {
        await breakers["mail"].ExecuteAsync(
            async token =>
            {
                using var smtp = new SmtpClient();
                await smtp.ConnectAsync("smtp.example", 587, cancellationToken: token);
                await smtp.SendAsync(mail, token);
                await smtp.DisconnectAsync(quit: true, token);
            },
            context.CancellationToken);

        await breakers["carrier"].ExecuteAsync(token => new ValueTask(carrier.ShipAsync(context.Message.OrderId, token)), context.CancellationToken);
    }
}

sealed class OrdersContext(DbContextOptions<OrdersContext> options) : DbContext(options);

sealed record Order(Guid Id, decimal Total);

sealed class StockClient;

abstract class SqlException : DbException
{
    public abstract int Number { get; }
}

abstract class CarrierBusyException : Exception
{
    public abstract TimeSpan? RetryAfter { get; }
}

abstract class Carrier
{
    public abstract Task ShipAsync(Guid orderId, CancellationToken cancellationToken);
}
