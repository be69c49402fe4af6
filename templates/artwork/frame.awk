# frame.awk - the frame of a certificate: paper, rules, guilloche bands, rosettes, ground waves and medallion, as SVG.
#
#   awk -v width=297 -v height=210 -v medallion="148.5 104 66" -v rule="47.6 80 122.5" -f frame.awk > frame.svg
#
# Millimetres, origin at the top left, y downwards. medallion: centre and radius. rule: y, and from where to where the
# left title rule runs (the right one is its mirror image). Colours may be set with -v as well.
#
# Every curve is cut into equal steps of its parameter, each step a cubic Bezier with the curve's own tangents:
# P(t), P(t) + g/3 P'(t), P(t+g) - g/3 P'(t+g), P(t+g). What repeats is written once and placed with <use>.

function number(v, text) {
	text = sprintf("%.3f", v)
	sub(/0+$/, "", text)
	sub(/\.$/, "", text)
	return text == "-0" ? "0" : text
}
function pair(x, y) { return number(x) " " number(y) }
function say(text) { print text }

# A curve knows its point (X, Y) and tangent (DX, DY) at t.
function at(curve, t, r, dr) {
	if (curve == "band") { # along s: 6 strands that cross, and 4 flat ones inside at twice the frequency
		X = t
		DX = 1
		if (family == 1) {
			Y = 2.05 * (sin(omega * t + phase) + 0.10 * sin(3 * (omega * t + phase)))
			DY = 2.05 * omega * (cos(omega * t + phase) + 0.30 * cos(3 * (omega * t + phase)))
		} else {
			Y = 0.95 * sin(2 * omega * t + phase)
			DY = 0.95 * 2 * omega * cos(2 * omega * t + phase)
		}
	} else if (curve == "wave") {
		X = t
		DX = 1
		Y = 1.6 * sin(2 * pi * (t - width / 2) / 27 + phase)
		DY = 1.6 * 2 * pi / 27 * cos(2 * pi * (t - width / 2) / 27 + phase)
	} else { # rosette: a circle whose radius swings m times
		r = R * (1 - a + a * cos(m * t))
		dr = -R * a * m * sin(m * t)
		X = r * cos(t)
		Y = r * sin(t)
		DX = dr * cos(t) - r * sin(t)
		DY = dr * sin(t) + r * cos(t)
	}
}
function trace(curve, from, step, count, closed, i, d, x, y) {
	at(curve, from)
	d = "M" pair(X, Y)
	for (i = 1; i <= count; i++) {
		x = X + step / 3 * DX
		y = Y + step / 3 * DY
		at(curve, from + i * step)
		d = d (i == 1 ? "C" : " ") pair(x, y) " " pair(X - step / 3 * DX, Y - step / 3 * DY) " " pair(X, Y)
	}
	return d (closed ? "z" : "")
}

# ---- parts that repeat

# One period of the band. The sides differ a little in its length, so it is made for the mean and stretched by less than
# half a percent. Square caps let the periods overlap by half a line: no seam shows.
function define_period(i) {
	omega = 2 * pi / period
	say("<g id=\"period\" fill=\"none\" stroke=\"" bronze "\" stroke-linecap=\"square\">")
	for (family = 1; family <= 2; family++)
		for (i = 0; i < 8 - 2 * family; i++) {
			phase = 2 * pi * i / (8 - 2 * family)
			say("<path stroke-width=\"" (family == 1 ? "0.12" : "0.1") "\" d=\"" \
			    trace("band", 0, period / (12 * family), 12 * family, 0) "\"/>")
		}
	say("</g>")
}
function define_side(id, length_mm, n, i) {
	n = int(length_mm / 11 + 0.5)
	say("<g id=\"" id "\" transform=\"scale(" sprintf("%.6f", length_mm / n / period) " 1)\">")
	for (i = 0; i < n; i++)
		say("<use href=\"#period\" x=\"" number(i * period) "\"/>")
	say("</g>")
}
function define_rosette(id, radius, depth, petals) {
	R = radius
	a = depth
	m = petals
	say("<path id=\"" id "\" d=\"" trace("rosette", 0, 2 * pi / (6 * m), 6 * m, 1) "\"/>")
}
# A rosette of n such curves: each is the first one turned by a part of a petal.
function turn(id, petals, n, i) {
	for (i = 0; i < n; i++)
		say("<use href=\"#" id "\"" (i ? " transform=\"rotate(" sprintf("%.6f", -360 * i / (n * petals)) ")\"" : "") "/>")
}
# Three rows of waves, a third of a wave apart.
function define_waves(k, steps, from) {
	steps = 2 * int((width / 2 - inset) / 6.75 + 1)
	from = width / 2 - steps / 2 * 6.75
	say("<g id=\"waves\" fill=\"none\" stroke=\"" celadon "\" stroke-width=\"0.1\">")
	for (k = 0; k < 3; k++) {
		phase = 2 * pi * k / 3
		say("<path transform=\"translate(0 " number(1.5 * k) ")\" d=\"" trace("wave", from, 6.75, steps, 0) "\"/>")
	}
	say("</g>")
}
# The field inside the inner hairline, its corners notched.
function notched(b, l, r, t, n) {
	l = inset
	r = width - inset
	t = inset
	b = height - inset
	n = 4.6
	return "M" pair(l + n, t) "H" number(r - n) "V" number(t + n) "H" number(r) "V" number(b - n) "H" number(r - n) \
	       "V" number(b) "H" number(l + n) "V" number(b - n) "H" number(l) "V" number(t + n) "H" number(l + n) "z"
}

# ---- the picture

function rectangle(at_inset, line) {
	say("<rect x=\"" at_inset "\" y=\"" at_inset "\" width=\"" number(width - 2 * at_inset) "\" height=\"" \
	    number(height - 2 * at_inset) "\" stroke-width=\"" line "\"/>")
}
function diamond(x, y, half_w, half_h, paint) {
	say("<path d=\"M" pair(x - half_w, y) "L" pair(x, y - half_h) "L" pair(x + half_w, y) "L" pair(x, y + half_h) "z\" " paint "/>")
}
function corner(x, y, sx, sy) {
	say("<use href=\"#corner\" transform=\"matrix(" sx " 0 0 " sy " " number(x) " " number(y) ")\"/>")
}
function draw_ground(k) {
	say("<g clip-path=\"url(#field)\">")
	for (k = 0; 1.5 * k < height + 4; k += 3)
		if (1.5 * k + 4.6 > inset && 1.5 * k - 1.6 < height - inset)
			say("<use href=\"#waves\" y=\"" number(1.5 * k) "\"/>")
	say("</g>")
}
function draw_rules(far) {
	say("<g fill=\"none\" stroke=\"" bronze "\">")
	rectangle(9, 0.7)
	rectangle(9.95, 0.18)
	# The inner rule runs on through the corner blocks to the second rule.
	for (far = 0; far <= 1; far++) {
		say("<path stroke-width=\"0.18\" d=\"M9.95 " number(far ? height - 15.6 : 15.6) "H" number(width - 9.95) "\"/>")
		say("<path stroke-width=\"0.18\" d=\"M" number(far ? width - 15.6 : 15.6) " 9.95V" number(height - 9.95) "\"/>")
	}
	say("</g>")
}
function draw_bands() {
	say("<use href=\"#across\" transform=\"translate(15.6 12.775)\"/>")
	say("<use href=\"#across\" transform=\"translate(15.6 " number(height - 12.775) ")\"/>")
	say("<use href=\"#down\" transform=\"matrix(0 1 1 0 12.775 15.6)\"/>")
	say("<use href=\"#down\" transform=\"matrix(0 1 1 0 " number(width - 12.775) " 15.6)\"/>")
}
function draw_medallion(i) {
	split(medallion, center, " ")
	say("<g transform=\"translate(" number(center[1]) " " number(center[2]) ")\" fill=\"none\" stroke=\"" sand "\" stroke-width=\"0.13\">")
	for (i = 1; i <= 4; i++)
		turn("ring" i, ring_petals[i], ring_curves[i])
	say("</g>")
}
function draw_title_rules() {
	split(rule, part, " ")
	say("<path fill=\"none\" stroke=\"" gold "\" stroke-width=\"0.2\" d=\"M" pair(part[2], part[1]) "H" number(part[3]) \
	    "M" pair(width - part[2], part[1]) "H" number(width - part[3]) "\"/>")
	diamond(part[3], part[1], 0.9, 0.6, "fill=\"" gold "\"")
	diamond(width - part[3], part[1], 0.9, 0.6, "fill=\"" gold "\"")
}

BEGIN {
	pi = atan2(0, -1)
	if (width == "" || height == "" || medallion == "" || rule == "") {
		print "frame.awk: set width, height, medallion and rule" > "/dev/stderr"
		exit 2
	}
	if (paper == "") paper = "#FEFCF6"
	if (bronze == "") bronze = "#A07F48"
	if (gold == "") gold = "#BFA56F"
	if (sand == "") sand = "#E9DFC8"
	if (celadon == "") celadon = "#DCE5DF"
	inset = 17.8
	period = 11.125
	# radius (of the medallion's), depth, petals, curves
	split("1 0.80 0.52 0.28", ring_radius, " ")
	split("0.10 0.16 0.22 0.30", ring_depth, " ")
	split("36 24 18 12", ring_petals, " ")
	split("4 6 5 4", ring_curves, " ")

	say("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" width "mm\" height=\"" height "mm\" viewBox=\"0 0 " width " " height "\">")
	say("<defs>")
	define_period()
	define_side("across", width - 31.2)
	define_side("down", height - 31.2)
	define_waves()
	define_rosette("petals", 2.45, 0.36, 8)
	split(medallion, center, " ")
	for (i = 1; i <= 4; i++)
		define_rosette("ring" i, center[3] * ring_radius[i], ring_depth[i], ring_petals[i])
	say("<g id=\"corner\"><g fill=\"none\" stroke=\"" bronze "\" stroke-width=\"0.16\">")
	turn("petals", 8, 2)
	say("</g><circle r=\"0.55\" fill=\"" bronze "\"/>")
	diamond(6.925, 6.925, 1.55, 1.55, "fill=\"none\" stroke=\"" gold "\" stroke-width=\"0.2\"")
	diamond(6.925, 6.925, 0.75, 0.75, "fill=\"" gold "\"")
	say("</g>")
	say("<clipPath id=\"field\"><path d=\"" notched() "\"/></clipPath>")
	say("</defs>")
	say("<rect x=\"9\" y=\"9\" width=\"" number(width - 18) "\" height=\"" number(height - 18) "\" fill=\"" paper "\"/>")
	draw_ground()
	draw_rules()
	draw_bands()
	corner(12.775, 12.775, 1, 1)
	corner(width - 12.775, 12.775, -1, 1)
	corner(12.775, height - 12.775, 1, -1)
	corner(width - 12.775, height - 12.775, -1, -1)
	say("<path fill=\"none\" stroke=\"" gold "\" stroke-width=\"0.25\" d=\"" notched() "\"/>")
	draw_medallion()
	draw_title_rules()
	say("</svg>")
}
