using MailKit.Net.Smtp;
using MailKit.Security;
using Messaging.Breaker.AtlasTests.Cases;
using MimeKit;

namespace Messaging.Breaker.AtlasTests.Rows;

/// <summary>How mail servers fail. The client is MailKit with a time-out of one second.</summary>
static class SmtpRows
{
    const string Group = "SMTP";

    public static IEnumerable<Row> All =>
    [
        new(Group, "the connection is refused", "the exception", () => Create((_, _) => null, isRefused: true)),
        Answering("it hangs", "the client's timeout", "CONNECT", ""),
        Answering("421, the service is not available", "the exception", "CONNECT", "421 mail.test not available"),
        Answering("452, out of storage", "the exception", "MAIL", "452 insufficient system storage"),
        Answering("535, authentication failed", "the exception", "AUTH", "535 authentication failed"),
        Answering("550 for every mail, as from a blocklist", "the exception", "RCPT", "550 blocked"),
        Answering("554, the mail is refused after its content", "the exception", ".", "554 transaction failed"),
    ];

    static Row Answering(string fails, string recognised, string verb, string answer) =>
        new(Group, fails, recognised, () => Create((asked, _) => asked == verb ? answer : null));

    static Task<Dependency> Create(Func<string, string, string?> answer, bool isRefused = false) =>
        Task.FromResult<Dependency>(new SmtpDependency(answer, isRefused));

    /// <summary>A server that works and one that does not.</summary>
    sealed class SmtpDependency(Func<string, string, string?> answer, bool isRefused) : Dependency
    {
        readonly SmtpServer _working = new();
        readonly SmtpServer _failing = new() { Answer = answer };

        public override Task HandleAsync(IServiceProvider services, int number, CancellationToken cancellationToken) =>
            CallAsync(services, token => SendAsync(!Fails(number) ? _working.Port : isRefused ? 1 : _failing.Port, TimeoutOf(number), token), cancellationToken);

        protected override async ValueTask RemoveAsync()
        {
            await _working.DisposeAsync();
            await _failing.DisposeAsync();
        }

        static async Task SendAsync(int port, TimeSpan timeout, CancellationToken cancellationToken)
        {
            using var mail = new MimeMessage(
                from: [new MailboxAddress("Shop", "shop@mail.test")], to: [new MailboxAddress("Customer", "customer@mail.test")], "Your order", new TextPart { Text = "It is on its way." });
            using var client = new SmtpClient { Timeout = (int)timeout.TotalMilliseconds };
            await client.ConnectAsync("127.0.0.1", port, SecureSocketOptions.None, cancellationToken);
            await client.AuthenticateAsync("shop", "secret", cancellationToken);
            await client.SendAsync(mail, cancellationToken);
            await client.DisconnectAsync(quit: true, cancellationToken);
        }
    }
}
