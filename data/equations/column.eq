# The equations of the healing column; docs/models/healing.md explains them. This is the only copy: the
# right side, its Jacobian and the Jacobian's factorisation are made from it at build time
# (tools/gen-equations.py), for the plain integrator and for the one with many people at once.
#
#   fields   NAME ...   state with a value in each layer, from the epidermis down
#   singles  NAME ...   state of the whole column
#   layer    NAME ...   numbers of the column that are not parameters, one a layer
#   column   NAME ...   the same, one a column
#   NAME  = EXPRESSION  an abbreviation, in each layer
#   NAME' = EXPRESSION  a rate, per day
#
# Names that are nothing of these are parameters of data/parameters/healing.yaml. In expressions:
#   + - * / ^ (whole powers)     max0(x)    x or 0, the larger
#   beside(e)  the sum of e over the layers beside this one, in which there(X) is X of that layer
#   deepest(e) e in the deepest layer, 0 in the others
#   near(X)    X of the neighbourhood: in a layer X itself, in a voxel of tissue its mean over the layer
#   mean(e) top(e) bottom(e)     in rates of singles: the mean over layers, the first, the last one's

fields  D I R G F M N C S
singles E T Y W X
layer   priming viable
column  exchange_I exchange_R exchange_G exchange_F loss_G pigment_rate pigment_fading raised_fading counts_raised

H = G/(K_G + G)
P = I^2/(K_P + I)

D' = -k_D*D
I' = s_I*priming*D_s*D/(D_s + near(D)) - d_I*I + exchange_I*beside(there(I) - I)
R' = k_R*I - d_R*R + exchange_R*beside(there(R) - R)
G' = p_D*D + p_R*R + p_M*M - d_G*G + exchange_G*beside(there(G) - G) - deepest(loss_G*G)
F' = r_F*(1 + a_F*H)*F*(1 - F - M) - k_FM*H*F + exchange_F*beside(there(F)*(1 - M) - F*(1 - there(M)))
M' = k_FM*H*F - d_M*M
N' = viable*sigma*(H*F + eta*M)*(C_max - N - C) - (k_mat + e_N*P)*N
C' = k_mat*N + b*(S - N - C) - e_C*P*C
S' = -s_x*max0(P - P_c)*S

E' = b_E*(1 - E) + s_E*mean(H*F + M)*(E_max - E) - e_E*mean(P)*E
T' = k_RT*bottom(M)*(1 - T)
Y' = k_e*(top(I) - Y)
W' = pigment_rate*top(I) - pigment_fading*W
X' = counts_raised*s_h*max0(mean(M) - M_h) - raised_fading*X
