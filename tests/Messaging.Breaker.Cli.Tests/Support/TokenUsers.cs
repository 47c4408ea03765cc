using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.Cli.Tests.Support;

/// <summary>An authentication scheme with tokens, named by one policy. A worker may have it next to cookies for browsers.</summary>
sealed class TokenUsers(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Token = "t0ken-of-anna";
    public const string Policy = "operators";

    public static void AddTo(IServiceCollection services)
    {
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, TokenUsers>("tokens", null);
        services.AddAuthorizationBuilder().AddPolicy(Policy, policy => policy.AddAuthenticationSchemes("tokens").RequireUserName("anna"));
    }

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var basic = $"Basic {Convert.ToBase64String("anna:pass/word"u8)}";
        if (Request.Headers.Authorization.ToString() is not ("Bearer " + Token or "ApiKey " + Token) && Request.Headers.Authorization != basic)
            return Task.FromResult(AuthenticateResult.NoResult());
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, "anna"), new Claim(ClaimTypes.NameIdentifier, "anna")], Scheme.Name);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name)));
    }
}
